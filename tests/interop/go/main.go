// Outsider checks a ledger of Litopys with the libraries of other people, and with none of ours.
//
//	outsider log [flags] URL          checks a log that is served over HTTP (C2SP tlog-tiles)
//	outsider receipt [flags] FILE     checks a receipt (C2SP tlog-proof), offline
//
// One line on standard output says what was checked, or one on standard error says what was refused.
// Exit: 0 all is well, 1 refused, 2 usage.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

var errUsage = errors.New("usage: outsider log [flags] URL | outsider receipt [flags] FILE")

func main() {
	words, err := run(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	default:
		fmt.Println(words)
	}
}

// run finds the command and returns its one line.
func run(args []string) (string, error) {
	if len(args) == 0 {
		return "", errUsage
	}
	switch args[0] {
	case "log":
		return runLog(args[1:])
	case "receipt":
		return runReceipt(args[1:])
	}
	return "", errUsage
}

func runLog(args []string) (string, error) {
	flags := flag.NewFlagSet("log", flag.ContinueOnError)
	keys := keyFlags(flags)
	check := logCheck{}
	flags.Int64Var(&check.first, "first", 0, "first `index` whose entry is proved")
	flags.Int64Var(&check.end, "end", -1, "`index` after the last whose entry is proved; -1: the tree's size")
	flags.Func("old", "`file` with an older checkpoint that you trust; the log must only have grown since (repeated)",
		func(name string) error { return check.addOld(name) })
	url, err := parse(flags, args)
	if err != nil {
		return "", err
	}
	trust, err := keys.load()
	if err != nil {
		return "", err
	}
	return check.run(served{base: url}, trust)
}

func runReceipt(args []string) (string, error) {
	flags := flag.NewFlagSet("receipt", flag.ContinueOnError)
	keys := keyFlags(flags)
	name, err := parse(flags, args)
	if err != nil {
		return "", err
	}
	trust, err := keys.load()
	if err != nil {
		return "", err
	}
	receipt, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	return checkReceipt(receipt, trust)
}

// parse reads flags and returns the one argument after them.
func parse(flags *flag.FlagSet, args []string) (string, error) {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return "", err
		}
		return "", fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() != 1 {
		return "", errUsage
	}
	return flags.Arg(0), nil
}
