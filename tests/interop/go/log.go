package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/tlog"
)

const bundleWidth = 1 << tileHeight

// logCheck is what to check of a log, beyond its checkpoint and all of its tiles.
type logCheck struct {
	first, end int64       // entries [first, end) are proved
	old        []tlog.Tree // older trees that the log must have grown from
}

// addOld reads an older checkpoint. Whoever kept it vouches for it: only its body is read.
func (c *logCheck) addOld(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var checkpoint log.Checkpoint
	if _, err := checkpoint.Unmarshal(text); err != nil {
		return err
	}
	tree, err := treeOf(&checkpoint)
	if err != nil {
		return err
	}
	c.old = append(c.old, tree)
	return nil
}

// run checks a log and says what was checked.
func (c *logCheck) run(from served, believed trust) (string, error) {
	signed, err := from.read("checkpoint", maxCheckpoint)
	if err != nil {
		return "", err
	}
	checkpoint, cosigners, err := believed.open(signed)
	if err != nil {
		return "", err
	}
	tree, err := treeOf(checkpoint)
	if err != nil {
		return "", err
	}
	if c.end < 0 {
		c.end = tree.N
	}
	if c.first < 0 || c.first > c.end || c.end > tree.N {
		return "", fmt.Errorf("entries %d to %d of a tree of size %d", c.first, c.end, tree.N)
	}
	reader := tlog.TileHashReader(tree, &tileReader{from: from, kept: map[tlog.Tile][]byte{}})
	tiles, err := checkTiles(tree, reader)
	if err != nil {
		return "", err
	}
	if err := checkEntries(from, tree, reader, c.first, c.end); err != nil {
		return "", err
	}
	for _, old := range c.old {
		if err := checkGrowth(old, tree, reader); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("log %s: size %d, cosigned by %s; %d tiles authenticated, entries %d to %d included%s",
		checkpoint.Origin, tree.N, strings.Join(cosigners, " "), tiles, c.first, c.end, growth(c.old)), nil
}

// checkTiles authenticates every tile of the tree against its root and returns how many there are.
func checkTiles(tree tlog.Tree, reader tlog.HashReader) (int, error) {
	tiles := tlog.NewTiles(tileHeight, 0, tree.N)
	for _, tile := range tiles {
		if _, err := tlog.ReadTileData(tile, reader); err != nil {
			return 0, fmt.Errorf("%s: %w", servedPath(tile), err)
		}
	}
	return len(tiles), nil
}

// checkEntries proves for each entry in [first, end) of the bundles that it is the one under the root.
func checkEntries(from served, tree tlog.Tree, reader tlog.HashReader, first, end int64) error {
	for bundle := first / bundleWidth; bundle*bundleWidth < end; bundle++ {
		start := bundle * bundleWidth
		width := min(bundleWidth, tree.N-start)
		entries, err := readBundle(from, bundle, int(width))
		if err != nil {
			return err
		}
		for index := max(first, start); index < min(end, start+width); index++ {
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			if err != nil {
				return fmt.Errorf("proof of entry %d: %w", index, err)
			}
			leaf := tlog.RecordHash(entries[index-start])
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
	}
	return nil
}

// readBundle reads an entry bundle: each entry after its length, 16 bits big-endian (C2SP tlog-tiles).
func readBundle(from served, index int64, width int) ([][]byte, error) {
	// x/mod numbers tiles of data like others; C2SP calls them entries.
	name := servedPath(tlog.Tile{H: tileHeight, L: -1, N: index, W: width})
	data, err := from.read(name, width*(2+1<<16))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) >= 2 {
		size := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+size {
			break
		}
		entries = append(entries, data[2:2+size])
		data = data[2+size:]
	}
	if len(data) != 0 || len(entries) != width {
		return nil, fmt.Errorf("%s does not hold exactly %d entries", name, width)
	}
	return entries, nil
}

// checkGrowth proves that an older tree is the beginning of this one.
func checkGrowth(old, tree tlog.Tree, reader tlog.HashReader) error {
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return fmt.Errorf("growth from size %d: %w", old.N, err)
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return fmt.Errorf("growth from size %d: %w", old.N, err)
	}
	return nil
}

func treeOf(checkpoint *log.Checkpoint) (tlog.Tree, error) {
	if checkpoint.Size == 0 || checkpoint.Size > 1<<62 || len(checkpoint.Hash) != tlog.HashSize {
		return tlog.Tree{}, errors.New("checkpoint of no tree that can be read")
	}
	return tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}, nil
}

func growth(old []tlog.Tree) string {
	var words strings.Builder
	for _, tree := range old {
		fmt.Fprintf(&words, ", grown from size %d", tree.N)
	}
	return words.String()
}
