package sipua

import (
	"errors"

	"github.com/hookswitch/hookswitch/phone"
)

// The reasons for which a challenge is not answered.
var (
	errNoSecret    = errors.New("the account has no password")
	errNoChallenge = errors.New("the server offers no authentication that the credential can answer")
	errRealm       = errors.New("the challenge is for another realm")
	errRepeated    = errors.New("the credential was refused")
)

// maxRealms bounds a chain of proxies, each with a realm of its own.
const maxRealms = 4

// maxNonce bounds what a server can make us repeat in every request.
const maxNonce = 1024

// credentials answer challenges of one account's server and of the proxies before it. They belong to the line's owner.
//
// An account that names a realm answers that one only. Another answers the realm that its server names first in a 401, and
// those of up to maxRealms proxies (RFC 3261 §22.3), for a chain of them has no common name.
type credentials struct {
	user   string
	secret phone.Secret
	realm  string           // the account's
	known  [2][]*knownRealm // of servers (401) and of proxies (407)
}

// knownRealm is the challenge that a realm gave last, and how often its nonce was used (RFC 7616 §3.4, nonce count).
type knownRealm struct {
	challenge
	count uint32
	fresh bool // the nonce came by itself and was never used
}

// attempt is what one request (with its repetitions) has been through, so that no challenge is answered in a loop.
type attempt struct {
	realms map[realmKey]attempted
	hops   int // servers left for it
}

type (
	realmKey struct {
		kind  int
		realm string
	}
	attempted struct {
		answered int
		nonce    string
	}
)

// forget drops the nonces, as a new secret demands.
func (c *credentials) forget() {
	for _, realms := range c.known {
		for _, k := range realms {
			*k = knownRealm{challenge: challenge{realm: k.realm}}
		}
	}
}

// headerOf names the header pairs of the two kinds of challenge: 0 of a server (401), 1 of a proxy (407).
func headerOf(kind int) (ask, answer string) {
	if kind == 1 {
		return "Proxy-Authenticate", "Proxy-Authorization"
	}
	return "WWW-Authenticate", "Authorization"
}

// authorize answers in advance with the nonces that were given last.
func (c *credentials) authorize(m *message, a *attempt) {
	for kind, realms := range c.known {
		_, name := headerOf(kind)
		m.remove(name)
		for _, k := range realms {
			key := realmKey{kind, k.realm}
			tried := a.realms[key]
			if k.nonce == "" || k.qop == "" && tried.answered == 0 && !k.fresh { // without nc, a nonce is for one request
				continue
			}
			k.count++
			k.fresh = false
			a.note(key, attempted{tried.answered, k.nonce})
			m.add(name, k.answer(c.user, c.secret, m, k.count))
		}
	}
}

func (a *attempt) note(key realmKey, is attempted) {
	if a.realms == nil {
		a.realms = make(map[realmKey]attempted)
	}
	a.realms[key] = is
}

// challenged takes in the challenges of a 401 or 407; nil means: send the request again, authorized.
func (c *credentials) challenged(response *message, a *attempt) error {
	kind := 0
	if response.status == 407 {
		kind = 1
	}
	ask, _ := headerOf(kind)
	chosen, err := c.choose(kind, response.lines(ask))
	if err != nil {
		return err
	}
	for _, one := range chosen {
		key := realmKey{kind, one.realm}
		tried := a.realms[key]
		// What went in advance is no answer: some servers ask each request, and know one nonce only.
		if tried.answered > 0 && (one.nonce == tried.nonce || !one.stale || tried.answered > 1) {
			c.of(kind, one.realm).challenge = challenge{realm: one.realm}
			return errRepeated
		}
		a.note(key, attempted{tried.answered + 1, tried.nonce})
	}
	for _, one := range chosen {
		k := c.of(kind, one.realm)
		used := k.count
		if k.nonce != one.nonce {
			used = 0
		}
		*k = knownRealm{challenge: one, count: used}
	}
	return nil
}

// renewed takes the nonce that a server gives for what comes next (RFC 7616 §3.5). Such a header names no realm, so it counts
// only where there is no choice.
func (c *credentials) renewed(r *message) {
	for kind, name := range [...]string{"Authentication-Info", "Proxy-Authentication-Info"} {
		if len(c.known[kind]) != 1 {
			continue
		}
		k := c.known[kind][0]
		for _, v := range r.list(name) {
			nonce, found := paramOf(v, "nextnonce")
			if found && nonce != "" && nonce != k.nonce && k.nonce != "" && len(nonce) <= maxNonce {
				k.nonce, k.count, k.fresh = nonce, 0, true
			}
		}
	}
}

// of finds what is known of a realm; nil: it is not one of ours.
func (c *credentials) of(kind int, realm string) *knownRealm {
	for _, k := range c.known[kind] {
		if k.realm == realm {
			return k
		}
	}
	most := 1
	if kind == 1 && c.realm == "" {
		most = maxRealms
	}
	if c.realm != "" && realm != c.realm || len(c.known[kind]) >= most {
		return nil
	}
	k := &knownRealm{challenge: challenge{realm: realm}}
	c.known[kind] = append(c.known[kind], k)
	return k
}

// choose picks, for each realm of ours, the strongest challenge that the credential can answer.
func (c *credentials) choose(kind int, values []string) (chosen []challenge, err error) {
	if c.secret.IsZero() {
		return nil, errNoSecret
	}
	err = errNoChallenge
	for _, v := range values {
		one, ok := parseChallenge(v)
		switch {
		case !ok:
		case c.of(kind, one.realm) == nil:
			err = errRealm
		case one.answerable(c.secret):
			chosen = strongest(chosen, one)
		}
	}
	if len(chosen) > 0 {
		err = nil
	}
	return chosen, err
}

// strongest keeps one challenge for each realm.
func strongest(chosen []challenge, one challenge) []challenge {
	for i, other := range chosen {
		if other.realm == one.realm {
			if one.strength() > other.strength() {
				chosen[i] = one
			}
			return chosen
		}
	}
	return append(chosen, one)
}
