package avp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone"
)

// suite is a crypto suite of RFC 4568 §6.2, RFC 6188 and RFC 7714.
type suite struct {
	name    string
	profile srtp.ProtectionProfile
	offered bool
}

// suites are in our order: first the one that every implementation has (RFC 4568 §6.2), the short tag last.
var suites = []suite{
	{"AES_CM_128_HMAC_SHA1_80", srtp.ProtectionProfileAes128CmHmacSha1_80, true},
	{"AEAD_AES_256_GCM", srtp.ProtectionProfileAeadAes256Gcm, true},
	{"AEAD_AES_128_GCM", srtp.ProtectionProfileAeadAes128Gcm, true},
	{"AES_CM_128_HMAC_SHA1_32", srtp.ProtectionProfileAes128CmHmacSha1_32, true},
	{"AES_256_CM_HMAC_SHA1_80", srtp.ProtectionProfileAes256CmHmacSha1_80, false},
	{"AES_256_CM_HMAC_SHA1_32", srtp.ProtectionProfileAes256CmHmacSha1_32, false},
}

// masterKey is a key and its salt, with the identifier that packets carry (RFC 3711 §3.1), if any. It prints as "***".
type masterKey struct{ bytes, mki []byte }

// String never shows the key.
func (masterKey) String() string { return "***" }

// GoString never shows the key.
func (masterKey) GoString() string { return "***" }

// cryptoLine is an a=crypto attribute.
type cryptoLine struct {
	tag   string
	suite suite
	keys  []masterKey
}

func (c *cryptoLine) same(o *cryptoLine) bool {
	return c != nil && o != nil && c.suite == o.suite && slices.EqualFunc(c.keys, o.keys, func(a, b masterKey) bool {
		return bytes.Equal(a.bytes, b.bytes) && bytes.Equal(a.mki, b.mki)
	})
}

// newCryptoLine makes a line with a fresh key.
func newCryptoLine(tag string, s suite) (*cryptoLine, error) {
	key := make([]byte, s.length())
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("avp: %w: %w", phone.ErrLocalMediaInfo, err)
	}
	return &cryptoLine{tag: tag, suite: s, keys: []masterKey{{bytes: key}}}, nil
}

// length is that of key and salt together.
func (s suite) length() int {
	key, _ := s.profile.KeyLen() // the table holds no others
	salt, _ := s.profile.SaltLen()
	return key + salt
}

// text is the attribute's value. It holds the key: it goes into SDP and nowhere else.
func (c *cryptoLine) text() string {
	return c.tag + " " + c.suite.name + " inline:" + base64.StdEncoding.EncodeToString(c.keys[0].bytes)
}

// context makes the SRTP context of these keys.
func (c *cryptoLine) context(options ...srtp.ContextOption) (*srtp.Context, error) {
	keyLength, err := c.suite.profile.KeyLen()
	if err != nil {
		return nil, err
	}
	first := c.keys[0]
	if len(first.mki) > 0 {
		options = append(options, srtp.MasterKeyIndicator(first.mki))
	}
	made, err := srtp.CreateContext(first.bytes[:keyLength], first.bytes[keyLength:], c.suite.profile, options...)
	for _, k := range c.keys[1:] {
		if err == nil {
			err = made.AddCipherForMKI(k.mki, k.bytes[:keyLength], k.bytes[keyLength:])
		}
	}
	if err != nil {
		return nil, fmt.Errorf("avp: keys: %w", phone.ErrMediaMalformed) // what it says might tell of the key
	}
	return made, nil
}

// parseCrypto reads the value of a=crypto (RFC 4568 §9.1). It reports false for suites and parameters that we do
// not have, and for what cannot be read: the offerer has other lines for that (§5.1.2).
func parseCrypto(value string) (*cryptoLine, bool) {
	words := strings.Fields(value)
	if len(value) > 2048 || len(words) < 3 {
		return nil, false
	}
	if n, err := strconv.ParseUint(words[0], 10, 32); err != nil || n > 999999999 || len(words[0]) > 9 {
		return nil, false
	}
	i := slices.IndexFunc(suites, func(s suite) bool { return strings.EqualFold(s.name, words[1]) })
	if i < 0 || slices.ContainsFunc(words[3:], refusedParameter) {
		return nil, false
	}
	c := &cryptoLine{tag: words[0], suite: suites[i]}
	for part := range strings.SplitSeq(words[2], ";") {
		if part == "" {
			continue // a semicolon at the end
		}
		k, ok := parseKey(part, c.suite.length())
		if !ok {
			return nil, false
		}
		c.keys = append(c.keys, k)
	}
	if len(c.keys) == 0 || len(c.keys) > 8 {
		return nil, false
	}
	for _, k := range c.keys {
		// Several keys are told apart by identifiers of one length.
		if len(k.mki) != len(c.keys[0].mki) || len(c.keys) > 1 && len(k.mki) == 0 {
			return nil, false
		}
	}
	return c, true
}

// refusedParameter reports whether a session parameter (RFC 4568 §6.3) makes the line unusable for us: a key
// derivation rate, less than full protection, and what we do not know and is declared as needed.
func refusedParameter(word string) bool {
	name, value, _ := strings.Cut(strings.ToUpper(word), "=")
	switch name {
	case "WSH", "FEC_ORDER", "FEC_KEY":
		return false
	case "KDR":
		return value != "0"
	}
	return !strings.HasPrefix(name, "-")
}

// parseKey reads "inline:" base64 ["|" lifetime] ["|" MKI ":" length]. The lifetime is not needed: 2^48 packets, or
// what a peer deems enough, are more than a call has.
func parseKey(text string, length int) (masterKey, bool) {
	if len(text) < 7 || !strings.EqualFold(text[:7], "inline:") {
		return masterKey{}, false
	}
	parts := strings.Split(text[7:], "|")
	encoded := strings.TrimRight(parts[0], "=")
	key, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || len(key) != length || len(parts) > 3 {
		return masterKey{}, false
	}
	k := masterKey{bytes: key}
	for _, p := range parts[1:] {
		value, size, isMKI := strings.Cut(p, ":")
		if !isMKI {
			continue
		}
		n, err := strconv.Atoi(size)
		number, ok := new(big.Int).SetString(value, 10)
		if err != nil || n < 1 || n > 128 || !ok || len(value) > 400 || number.Sign() < 0 || number.BitLen() > 8*n {
			return masterKey{}, false
		}
		k.mki = number.FillBytes(make([]byte, n))
	}
	return k, true
}
