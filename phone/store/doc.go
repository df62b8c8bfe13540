// Package store keeps what outlives the program: the accounts, settings, call history and contacts of a profile.
//
//	accounts, settings ──────▶ SQLite file hookswitch.db in the profile's folder (0700, file 0600)
//	operator ─▶ Recorder ────▶     the newest 10,000 calls, to be searched and read in pages
//	contacts ◀─▶ vCards ─────▶     each with its numbers, found by name or by who calls ─▶ Directory ─▶ operator
//	passwords, HA1, TURN ────▶ the system's keyring, one entry for each account
//	                           └─ without a keyring: in memory, until the program ends (ErrNoKeyring tells)
//
// Searches know neither case nor accents; numbers are compared as people mean them (LookUp). What the network or a file says is
// cut and cleaned on its way in and again on its way out, so that a damaged or hostile row is no more than a strange text.
//
// The schema grows by migrations, counted by PRAGMA user_version. A file that is no database, or a damaged one, is
// moved aside, never deleted, and a new one is begun; DamagedError tells where the old one is.
package store
