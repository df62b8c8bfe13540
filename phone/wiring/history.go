package wiring

import (
	"log/slog"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// Where a profile's store is open (every window; without one: unless -account or -demo name an account of this run only), its
// contacts name who calls and its history keeps every call of any account. Without a store both last as long as the run: nobody is named,
// nothing is written. The doctor's own call is nobody's, and is not kept.

// askContacts makes the store's contacts the operator's directory.
func askContacts(o *Options, book *store.Store, log *slog.Logger) (closing func()) {
	directory := book.Directory(log)
	o.Directory = directory
	return directory.Close
}

// keepHistory writes what is called from now on; closing, after the operator's end, writes the last.
func (f *Flags) keepHistory(op *phone.Operator, book *store.Store, log *slog.Logger) (closing func()) {
	if f.probe != nil {
		return func() {}
	}
	return book.Record(op, log).Close
}
