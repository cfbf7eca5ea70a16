package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/transparency-dev/formats/proof"
	inclusion "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// checkReceipt verifies that the entry which a receipt carries is in a final tree, with nothing but the receipt.
func checkReceipt(receipt []byte, believed trust) (string, error) {
	var parsed proof.TLogProof
	if err := parsed.Unmarshal(receipt); err != nil {
		return "", err
	}
	// The library reads generously (line ends, leading zeros); what it writes is the one exact form.
	if !bytes.Equal(parsed.Marshal(), receipt) {
		return "", errors.New("receipt is not in its exact form")
	}
	if len(parsed.ExtraData) == 0 {
		return "", errors.New("receipt carries no entry")
	}
	checkpoint, cosigners, err := believed.open(parsed.Checkpoint)
	if err != nil {
		return "", err
	}
	hashes := make([][]byte, len(parsed.Hashes))
	for i := range parsed.Hashes {
		hashes[i] = parsed.Hashes[i][:]
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(parsed.ExtraData)
	err = inclusion.VerifyInclusion(rfc6962.DefaultHasher, parsed.Index, checkpoint.Size, leaf, hashes, checkpoint.Hash)
	if err != nil {
		return "", fmt.Errorf("inclusion of entry %d: %w", parsed.Index, err)
	}
	return fmt.Sprintf("receipt of %s: entry %d (%d bytes) is in the tree of size %d, cosigned by %s",
		checkpoint.Origin, parsed.Index, len(parsed.ExtraData), checkpoint.Size, strings.Join(cosigners, " ")), nil
}
