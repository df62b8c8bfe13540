package demopbx

import (
	"crypto/md5" // RFC 7616 keeps it for old clients; SHA-256 is offered first
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

const (
	nonceLifetime = 5 * time.Minute
	mostNonces    = 1024
	mostBadAuth   = 10 // wrong digests in a row on one flow, then 403
)

// credential is what the registrar keeps of a password: an HA1 for each algorithm (RFC 7616 §3.4.2).
type credential struct{ md5, sha256 string }

func newCredential(user, password string) credential {
	a1 := user + ":" + Realm + ":" + password
	return credential{md5: hashMD5(a1), sha256: hashSHA256(a1)}
}

func hashMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func hashSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// nonceStore knows which nonces are out, since when, and the highest count seen with each.
type nonceStore struct {
	nonces map[string]*nonce
	order  []string
}

type nonce struct {
	issued time.Time
	count  int
}

func newNonceStore() *nonceStore { return &nonceStore{nonces: map[string]*nonce{}} }

func (s *nonceStore) issue(now time.Time) string {
	value := rand.Text()
	s.nonces[value] = &nonce{issued: now}
	s.order = append(s.order, value)
	if len(s.order) > mostNonces {
		delete(s.nonces, s.order[0])
		s.order = s.order[1:]
	}
	return value
}

// use reports whether the nonce may be used with this count: it is ours, not too old, and the
// count has not been seen (RFC 7616 §3.3: a replay). Otherwise the challenge is stale.
func (s *nonceStore) use(now time.Time, value string, count int) bool {
	n := s.nonces[value]
	if n == nil || now.Sub(n.issued) > nonceLifetime || count <= n.count {
		return false
	}
	n.count = count
	return true
}

// verdict is the outcome of looking at a request's credentials.
type verdict int

const (
	authMissing verdict = iota // none for our realm
	authStale                  // right, but with an old nonce
	authWrong                  // wrong user or password, or not well-formed
	authRight
)

// authenticate looks for credentials for our realm in the header ("Authorization" or
// "Proxy-Authorization") and returns the user they prove.
func (p *PBX) authenticate(now time.Time, req *sip.Request, header string) (string, verdict) {
	found := authMissing
	for _, h := range req.GetHeaders(header) {
		c, err := digest.ParseCredentials(h.Value())
		if err != nil {
			found = authWrong
			continue
		}
		if c.Realm != Realm {
			continue
		}
		secret, ok := p.registrar.credential(c.Username)
		if !ok || !secret.matches(c, string(req.Method)) || !sameTarget(c.URI, req.Recipient) {
			return "", authWrong
		}
		if !p.nonces.use(now, c.Nonce, c.Nc) {
			return "", authStale
		}
		return c.Username, authRight
	}
	return "", found
}

// matches checks the response of RFC 7616 §3.4.1 with qop=auth, which we always ask for.
func (secret credential) matches(c *digest.Credentials, method string) bool {
	if !strings.EqualFold(c.QOP, "auth") || c.Nc <= 0 || c.Cnonce == "" || c.Userhash {
		return false
	}
	a1, hash := secret.md5, hashMD5
	switch strings.ToUpper(c.Algorithm) {
	case "", "MD5":
	case "SHA-256":
		a1, hash = secret.sha256, hashSHA256
	default:
		return false
	}
	want := hash(fmt.Sprintf("%s:%s:%08x:%s:auth:%s", a1, c.Nonce, c.Nc, c.Cnonce, hash(method+":"+c.URI)))
	return subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(c.Response))) == 1
}

// sameTarget reports whether the digest was made for this request's target: same user and host.
func sameTarget(digestURI string, target sip.Uri) bool {
	var uri sip.Uri
	if err := sip.ParseUri(digestURI, &uri); err != nil {
		return false
	}
	return uri.User == target.User && strings.EqualFold(uri.Host, target.Host)
}

// challenges returns the header values to ask for credentials with, the strongest first.
func (p *PBX) challenges(now time.Time, stale bool) []string {
	value := p.nonces.issue(now)
	var out []string
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		challenge := fmt.Sprintf(`Digest realm="%s", nonce="%s", algorithm=%s, qop="auth"`, Realm, value, algorithm)
		if stale {
			challenge += ", stale=true"
		}
		out = append(out, challenge)
	}
	return out
}
