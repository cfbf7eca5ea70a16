package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight    = 8
	maxCheckpoint = 1 << 20
)

// client follows no redirect: every resource stands at its one address.
var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// served is a log under a URL.
type served struct{ base string }

// read fetches a resource of at most limit bytes.
func (s served) read(name string, limit int) ([]byte, error) {
	answer, err := client.Get(strings.TrimSuffix(s.base, "/") + "/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return data, nil
}

// tileReader hands tiles to x/mod, which authenticates them. It implements tlog.TileReader.
type tileReader struct {
	from served
	kept map[tlog.Tile][]byte // authenticated tiles
}

func (r *tileReader) Height() int { return tileHeight }

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		if data[i] = r.kept[tile]; data[i] != nil {
			continue
		}
		var err error
		if data[i], err = r.from.read(servedPath(tile), tile.W*tlog.HashSize); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (r *tileReader) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, tile := range tiles {
		r.kept[tile] = data[i]
	}
}

// servedPath is a tile's path in C2SP tlog-tiles: that of x/mod without the height, and "entries" for "data".
func servedPath(tile tlog.Tile) string {
	name := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
	return strings.Replace(name, "tile/data/", "tile/entries/", 1)
}
