// Package store keeps what outlives the program: the accounts and settings of a profile.
//
//	accounts, settings ──▶ SQLite file hookswitch.db in the profile's folder (0700, file 0600)
//	passwords, HA1, TURN ─▶ the system's keyring, one entry for each account
//	                        └─ without a keyring: in memory, until the program ends (ErrNoKeyring tells)
//
// The schema grows by migrations, counted by PRAGMA user_version. A file that is no database, or a damaged one, is
// moved aside, never deleted, and a new one is begun; DamagedError tells where the old one is.
package store
