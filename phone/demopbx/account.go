package demopbx

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strconv"
)

// Realm is the digest realm of every demo PBX.
const Realm = "demo.hookswitch"

// Account is one extension: what a phone needs to register. It prints without its password.
type Account struct {
	// User is the extension, such as "1001", and also the name to authenticate with.
	User string
	// Password is made up at every start.
	Password string
	// URI is the address of record.
	URI string
	// The server in each transport, in the form of phone.Account.Server: "ws://127.0.0.1:p/ws?exten=1001",
	// "wss://…", "tcp:127.0.0.1:p", "tls:127.0.0.1:p", "udp:127.0.0.1:p".
	WS, WSS, TCP, TLS, UDP string
	// CAFile is a PEM file with the authority of this run, for WSS and TLS; CAPEM is what is in it.
	CAFile string
	CAPEM  []byte
}

// String tells the extension only.
func (a Account) String() string { return a.URI }

// GoString tells the extension only.
func (a Account) GoString() string { return a.URI }

// LogValue tells the extension only.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.URI) }

// Account returns the i-th extension, counted from 0: Account(0) is 1001. It panics when there is no such one.
func (p *PBX) Account(i int) Account { return p.accounts[i] }

// Accounts returns how many extensions there are.
func (p *PBX) Accounts() int { return len(p.accounts) }

// Address returns host and port of the listener for "UDP", "TCP", "TLS", "WS" or "WSS".
func (p *PBX) Address(transport string) string { return p.sockets.address[transport] }

func (p *PBX) makeAccounts(users int, caFile string, caPEM []byte) {
	if users <= 0 {
		users = defaultUsers
	}
	for i := range min(users, mostUsers) {
		user := strconv.Itoa(firstExtension + i)
		account := Account{
			User: user, Password: rand.Text(), URI: "sip:" + user + "@" + loopback,
			WS:     fmt.Sprintf("ws://%s/ws?exten=%s", p.Address("WS"), user),
			WSS:    fmt.Sprintf("wss://%s/ws?exten=%s", p.Address("WSS"), user),
			TCP:    "tcp:" + p.Address("TCP"),
			TLS:    "tls:" + p.Address("TLS"),
			UDP:    "udp:" + p.Address("UDP"),
			CAFile: caFile, CAPEM: caPEM,
		}
		secret := account.Password
		if p.fault == FaultWrongPassword {
			secret = rand.Text()
		}
		p.registrar.addUser(user, newCredential(user, secret))
		p.accounts = append(p.accounts, account)
	}
}
