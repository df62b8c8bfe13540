package sipua

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// challenge is one WWW-Authenticate or Proxy-Authenticate value (RFC 7616 §3.3, RFC 8760).
type challenge struct {
	realm, nonce, opaque string
	algorithm            string // as the server wrote it, "" for MD5
	qop                  string // "auth", "auth-int", or "" for RFC 2069's form
	stale                bool
}

// parseChallenge reads one challenge. ok is false for other schemes than Digest and for what cannot be read.
func parseChallenge(value string) (c challenge, ok bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Digest") || len(value) > 4096 {
		return c, false
	}
	qops, hasQop := "", false
	for _, part := range splitList(rest) {
		key, v, found := strings.Cut(part, "=")
		if !found {
			return c, false
		}
		v = strings.TrimSpace(v)
		if strings.HasPrefix(v, `"`) {
			text, tail, fine := unquote(v)
			if !fine || strings.TrimSpace(tail) != "" {
				return c, false
			}
			v = text
		}
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "realm":
			c.realm = v
		case "nonce":
			c.nonce = v
		case "opaque":
			c.opaque = v
		case "algorithm":
			c.algorithm = v
		case "stale":
			c.stale = strings.EqualFold(v, "true")
		case "qop":
			qops, hasQop = v, true
		}
	}
	if hasQop {
		if c.qop = chooseQop(qops); c.qop == "" {
			return c, false
		}
	}
	return c, c.nonce != ""
}

func chooseQop(offered string) string {
	best := ""
	for _, q := range strings.Split(offered, ",") {
		switch strings.ToLower(strings.TrimSpace(q)) {
		case "auth":
			return "auth"
		case "auth-int":
			best = "auth-int"
		}
	}
	return best
}

// strength ranks the algorithms; 0 means that we cannot answer it.
func (c challenge) strength() int {
	switch base, _ := c.base(); base {
	case "MD5":
		return 1
	case "SHA-256":
		return 2
	case "SHA-512-256":
		return 3
	}
	return 0
}

// base is the algorithm in capitals without its -sess.
func (c challenge) base() (name string, session bool) {
	name = strings.ToUpper(c.algorithm)
	if name == "" {
		name = "MD5"
	}
	return strings.CutSuffix(name, "-SESS")
}

func (c challenge) hash(s string) string {
	switch base, _ := c.base(); base {
	case "SHA-256":
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	case "SHA-512-256":
		sum := sha512.Sum512_256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// answerable reports whether the credential can answer the challenge: an HA1 is MD5's.
func (c challenge) answerable(s phone.Secret) bool {
	return c.strength() > 1 && s.Password() != "" || c.strength() == 1 && !s.IsZero()
}

// answer is the Authorization value for one request (RFC 7616 §3.4).
func (c challenge) answer(user string, secret phone.Secret, m *message, count uint32) string {
	cnonce := randomHex(16)
	_, session := c.base()
	ha1 := strings.ToLower(secret.HA1())
	if ha1 == "" {
		ha1 = c.hash(user + ":" + c.realm + ":" + secret.Password())
	}
	if session {
		ha1 = c.hash(ha1 + ":" + c.nonce + ":" + cnonce)
	}
	a2 := m.method + ":" + m.uri
	if c.qop == "auth-int" {
		a2 += ":" + c.hash(string(m.body))
	}
	nc := fmt.Sprintf("%08x", count)
	response := c.hash(ha1 + ":" + c.nonce + ":" + c.hash(a2))
	if c.qop != "" {
		response = c.hash(strings.Join([]string{ha1, c.nonce, nc, cnonce, c.qop, c.hash(a2)}, ":"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Digest username=%s, realm=%s, nonce=%s, uri=%s, response=%q",
		quote(user), quote(c.realm), quote(c.nonce), quote(m.uri), response)
	if isToken(c.algorithm) {
		b.WriteString(", algorithm=" + c.algorithm)
	}
	if c.opaque != "" {
		b.WriteString(", opaque=" + quote(c.opaque))
	}
	if c.qop != "" || session {
		fmt.Fprintf(&b, ", cnonce=%q", cnonce)
	}
	if c.qop != "" {
		fmt.Fprintf(&b, ", qop=%s, nc=%s", c.qop, nc)
	}
	return b.String()
}

// randomHex returns n random bytes in hexadecimal.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// randomBelow returns a random number from 0 to n-1.
func randomBelow(n int64) int {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0
	}
	return int(v.Int64())
}
