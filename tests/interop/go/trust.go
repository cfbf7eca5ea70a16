package main

import (
	"errors"
	"flag"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
)

// trust is whom to believe: the keys and the quorum of a policy.
type trust struct {
	log        note.Verifier
	validators []note.Verifier
	quorum     witness.Group
}

// givenKeys are keys as the command line gives them.
type givenKeys struct {
	log        string
	validators []string
	quorum     int
}

func keyFlags(flags *flag.FlagSet) *givenKeys {
	given := &givenKeys{}
	flags.StringVar(&given.log, "log-vkey", "", "the log's `vkey`; its name is the origin")
	flags.Func("witness-vkey", "a validator's `vkey` (repeated)", func(vkey string) error {
		given.validators = append(given.validators, vkey)
		return nil
	})
	flags.IntVar(&given.quorum, "quorum", 0, "how many validators must have cosigned")
	return given
}

// load makes verifiers: x/mod's for the log, transparency-dev's for the validators (x/mod knows no 0x04 keys).
func (given *givenKeys) load() (trust, error) {
	if given.quorum < 1 || given.quorum > len(given.validators) {
		return trust{}, fmt.Errorf("%w: a quorum of %d among %d validators", errUsage, given.quorum, len(given.validators))
	}
	verifier, err := note.NewVerifier(given.log)
	if err != nil {
		return trust{}, fmt.Errorf("log's vkey: %w", err)
	}
	believed := trust{log: verifier}
	group := witness.Group{N: given.quorum}
	for _, vkey := range given.validators {
		validator, err := cosignature.NewVerifierForCosignatureV1(vkey)
		if err != nil {
			return trust{}, fmt.Errorf("validator's vkey %q: %w", vkey, err)
		}
		member, err := witness.New(vkey, &url.URL{})
		if err != nil {
			return trust{}, fmt.Errorf("validator's vkey %q: %w", vkey, err)
		}
		believed.validators = append(believed.validators, validator)
		group.Components = append(group.Components, member)
	}
	believed.quorum = group
	return believed, nil
}

// open verifies a checkpoint: the log's signature, no bad one by a known key, and cosignatures of a quorum.
// It returns the cosigners' short names, in the order of the keys given.
func (t trust) open(signed []byte) (*log.Checkpoint, []string, error) {
	checkpoint, rest, _, err := log.ParseCheckpoint(signed, t.log.Name(), t.log, t.validators...)
	if err != nil {
		return nil, nil, err
	}
	if len(rest) != 0 {
		return nil, nil, errors.New("checkpoint has more than three lines")
	}
	// Each key opens the note alone, too: that is how somebody who knows one party only reads it.
	if _, err := note.Open(signed, note.VerifierList(t.log)); err != nil {
		return nil, nil, fmt.Errorf("checkpoint under the log's key alone: %w", err)
	}
	var cosigners []string
	for _, validator := range t.validators {
		var unsigned *note.UnverifiedNoteError
		_, err := note.Open(signed, note.VerifierList(validator))
		switch {
		case err == nil:
			cosigners = append(cosigners, path.Base(validator.Name()))
		case !errors.As(err, &unsigned):
			return nil, nil, fmt.Errorf("checkpoint under the key of %s alone: %w", validator.Name(), err)
		}
	}
	if !t.quorum.Satisfied(signed) {
		return nil, nil, fmt.Errorf("checkpoint has no quorum of %d: cosigned by [%s]",
			t.quorum.N, strings.Join(cosigners, " "))
	}
	return checkpoint, cosigners, nil
}
