package phone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Limits of what a person or a file may hand us.
const (
	maxTargetLength  = 128
	maxHeaderLength  = 1024
	maxAccountLength = 64 << 10
)

// accountJSON is automation.md's account as it stands in JSON.
type accountJSON struct {
	ID                string      `json:"id"`
	URI               string      `json:"uri"`
	Server            string      `json:"server"`
	Username          string      `json:"username"`
	Password          string      `json:"password"`
	HA1               string      `json:"ha1"`
	Realm             string      `json:"realm"`
	Media             MediaPolicy `json:"media"`
	Encryption        Encryption  `json:"encryption"`
	MediaPorts        string      `json:"mediaPorts"`
	ICEServers        []ICEServer `json:"iceServers"`
	DisplayName       string      `json:"displayName"`
	CA                string      `json:"ca"`
	RecordCode        string      `json:"recordCode"`
	RecordPermissions *int        `json:"recordPermissions"`
	MaxCalls          int         `json:"maxCalls"`
	RegisterTries     int         `json:"registerTries"`
	RingLimit         int         `json:"ringLimit"`
	EarlyReplaces     bool        `json:"earlyReplaces"`
	ReferConsultation bool        `json:"referConsultation"`
	AutoAnswer        bool        `json:"autoAnswer"`
	Register          *bool       `json:"register"`
	Listen            string      `json:"listen"`
}

// ParseAccount reads an account of automation.md from JSON. Unknown fields are refused. The
// error wraps ErrAccountInvalid and never quotes a value, which might be a secret. Where the
// JSON names no id, the account's URI without its scheme is its id. RecordPermissions
// defaults to 2 (start, pause and resume).
func ParseAccount(data []byte) (Account, error) {
	if len(data) > maxAccountLength {
		return Account{}, invalidAccount("it is larger than 64 KiB")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var raw accountJSON
	if err := decoder.Decode(&raw); err != nil {
		return Account{}, invalidAccount(describeJSON(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Account{}, invalidAccount("something follows the closing brace")
	}
	return raw.account()
}

func invalidAccount(why string) error { return fmt.Errorf("%w: %s", ErrAccountInvalid, why) }

// describeJSON tells what is wrong with the JSON without quoting any of its values.
func describeJSON(err error) string {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is not valid JSON (at byte %d)", e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return "it is not a JSON object"
		}
		return fmt.Sprintf("field %q must not be a JSON %s", e.Field, jsonKind(e.Value))
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		// The name itself comes from the file: it is quoted by encoding/json, and cut here.
		if len(field) > 40 {
			field = field[:40] + "…"
		}
		return "unknown field " + field
	}
	return "it is not complete JSON"
}

// jsonKind cuts the value off json's "number 12".
func jsonKind(value string) string {
	kind, _, _ := strings.Cut(value, " ")
	return kind
}

func (raw accountJSON) account() (Account, error) {
	a := Account{
		ID: AccountID(raw.ID), URI: raw.URI, Server: raw.Server, Username: raw.Username, Realm: raw.Realm,
		DisplayName: raw.DisplayName, Media: raw.Media, Encryption: raw.Encryption, ICEServers: raw.ICEServers, CA: raw.CA,
		RecordCode: raw.RecordCode, RecordPermissions: 2, MaxCalls: raw.MaxCalls, RegisterTries: raw.RegisterTries,
		RingLimit: time.Duration(raw.RingLimit) * time.Second, EarlyReplaces: raw.EarlyReplaces, ReferConsultation: raw.ReferConsultation,
		AutoAnswer: raw.AutoAnswer, Direct: raw.Register != nil && !*raw.Register, Listen: raw.Listen,
	}
	if raw.RecordPermissions != nil {
		a.RecordPermissions = *raw.RecordPermissions
	}
	var err error
	if a.MediaPorts, err = ParsePortRange(raw.MediaPorts); err != nil {
		return Account{}, err
	}
	switch {
	case raw.Password != "" && raw.HA1 != "":
		return Account{}, invalidAccount(`give "password" or "ha1", not both`)
	case raw.HA1 != "":
		a.Secret = NewHA1(strings.ToLower(raw.HA1))
	case raw.Password != "":
		a.Secret = NewPassword(raw.Password)
	}
	if scheme, _ := cutScheme(a.URI); scheme == "" && strings.Contains(a.URI, "@") {
		a.URI = "sip:" + a.URI
	}
	if err := CheckAccount(a); err != nil {
		return Account{}, err
	}
	if a.ID == "" {
		_, rest, _ := strings.Cut(a.URI, ":")
		a.ID = AccountID(rest)
	}
	return a, nil
}

// CheckAccount checks an account that was filled in by a form, a file or a test. The error
// wraps ErrAccountInvalid and names the field, never its value.
func CheckAccount(a Account) error {
	for name, value := range map[string]string{
		"id": string(a.ID), "uri": a.URI, "server": a.Server, "username": a.Username, "realm": a.Realm,
		"displayName": a.DisplayName, "ca": a.CA, "password": a.Secret.Password(), "recordCode": a.RecordCode, "listen": a.Listen,
	} {
		if hasControl(value) || len(value) > maxHeaderLength {
			return invalidAccount(fmt.Sprintf("%q holds a control character or is too long", name))
		}
	}
	if strings.ContainsAny(a.Username+a.Realm, `"`) || strings.ContainsAny(string(a.ID), " \"<>") {
		return invalidAccount(`"id", "username" and "realm" must not hold a quotation mark`)
	}
	if _, err := sipURI(a.URI); err != nil || !strings.Contains(a.URI, "@") {
		return invalidAccount(`"uri" must look like sip:1001@pbx.example`)
	}
	if ha1 := a.Secret.HA1(); ha1 != "" && !isHex(ha1, 32) {
		return invalidAccount(`"ha1" must be 32 hexadecimal digits`)
	}
	if err := checkServer(a.Server); err != nil {
		return err
	}
	if err := checkDirect(a); err != nil {
		return err
	}
	return checkPolicies(a)
}

func checkPolicies(a Account) error {
	switch a.Media {
	case MediaDefault, MediaWebRTC, MediaDTLS, MediaSDES, MediaRTP:
	default:
		return invalidAccount(`"media" must be webrtc, dtls, sdes or rtp`)
	}
	if err := checkEncryption(a); err != nil {
		return err
	}
	if err := a.MediaPorts.check(); err != nil {
		return err
	}
	if a.RecordPermissions < 0 || a.RecordPermissions > 2 {
		return invalidAccount(`"recordPermissions" must be 0, 1 or 2`)
	}
	if a.MaxCalls < 0 || a.MaxCalls > 8 {
		return invalidAccount(`"maxCalls" must be between 1 and 8`)
	}
	if a.RegisterTries < 0 {
		return invalidAccount(`"registerTries" must not be negative`)
	}
	if a.RingLimit < 0 || a.RingLimit > time.Hour || a.RingLimit%time.Second != 0 {
		return invalidAccount(`"ringLimit" must be between 1 and 3600 seconds`)
	}
	if err := CheckRecordCode(a.RecordCode); err != nil {
		return err
	}
	return checkICEServers(a.ICEServers)
}

// CheckRecordCode checks an account's RecordCode; "" is none. The error wraps ErrAccountInvalid.
func CheckRecordCode(code string) error {
	if strings.Trim(code, "0123456789*#ABCD") != "" || len(code) > 16 {
		return invalidAccount(`"recordCode" must be up to 16 keys of a telephone`)
	}
	return nil
}

// checkEncryption refuses wishes that contradict each other, so that none is quietly dropped.
func checkEncryption(a Account) error {
	switch a.Encryption {
	case EncryptionDefault:
	case EncryptionRequired, EncryptionPreferred:
		if a.Media == MediaRTP {
			return invalidAccount(`"media" rtp does not encrypt: take sdes or dtls, or "encryption" off`)
		}
	case EncryptionOff:
		if a.MediaPolicy() == MediaWebRTC {
			return invalidAccount(`"media" webrtc always encrypts: "encryption" cannot be off`)
		}
	default:
		return invalidAccount(`"encryption" must be required, preferred or off`)
	}
	return nil
}

func checkICEServers(servers []ICEServer) error {
	if len(servers) > mostRelays {
		return invalidAccount(`"iceServers" must not name more than 16`)
	}
	for _, server := range servers {
		if len(server.URLs) == 0 || hasControl(server.Username) || hasControl(server.Credential) {
			return invalidAccount(`"iceServers" needs "urls", and no control characters`)
		}
		for _, u := range server.URLs {
			scheme, rest, _ := strings.Cut(u, ":")
			switch scheme {
			case "stun", "stuns", "turn", "turns":
			default:
				return invalidAccount(`"iceServers" must begin with stun:, stuns:, turn: or turns:`)
			}
			if rest == "" || hasControl(rest) || strings.ContainsAny(rest, " \"<>@") {
				return invalidAccount(`"iceServers" holds an address that cannot be used`)
			}
		}
	}
	return nil
}

// checkServer checks "wss://host/path", "ws://…", and "tls:host:port", "tcp:…", "udp:…", which may end in ";lr".
func checkServer(server string) error {
	if server == "" {
		return nil
	}
	wrong := invalidAccount(`"server" must look like wss://pbx.example/ws, ws://…, tls:pbx.example:5061, tcp:… or udp:…`)
	scheme, rest, _ := strings.Cut(server, ":")
	switch scheme {
	case "ws", "wss":
		u, err := url.Parse(server)
		if err != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" || !validHostPort(u.Host) {
			return wrong
		}
	case "tls", "tcp", "udp":
		if !validHostPort(strings.TrimSuffix(rest, ";lr")) {
			return wrong
		}
	default:
		return wrong
	}
	return nil
}

// checkDirect checks where an account without a registrar calls and listens.
func checkDirect(a Account) error {
	if a.Direct && a.Server == "" {
		return invalidAccount(`"register" false needs a "server"`)
	}
	if a.Listen == "" {
		return nil
	}
	if !a.Direct || !strings.HasPrefix(a.Server, "udp:") {
		return invalidAccount(`"listen" goes with "register" false and a server by udp: only`)
	}
	host, port, err := net.SplitHostPort(a.Listen)
	if host != "" && err == nil {
		_, err = netip.ParseAddr(host)
	}
	if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || n == 0 {
		return invalidAccount(`"listen" must look like 192.0.2.7:5060 or :5060`)
	}
	return nil
}

// validHostPort checks host, host:port, [IPv6] and [IPv6]:port.
func validHostPort(s string) bool {
	var port string
	var hasPort bool
	if strings.HasPrefix(s, "[") {
		inside, after, found := strings.Cut(s[1:], "]")
		address, err := netip.ParseAddr(inside)
		if !found || err != nil || !address.Is6() || address.Zone() != "" {
			return false
		}
		if port, hasPort = strings.CutPrefix(after, ":"); !hasPort && after != "" {
			return false
		}
	} else {
		var host string
		if host, port, hasPort = strings.Cut(s, ":"); !validHost(host) {
			return false
		}
	}
	if !hasPort {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// validHost checks a domain name or an IPv4 address by the letters it may hold (RFC 3261 §25.1;
// the underscore is not in it, but is seen).
func validHost(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !isAlphanumeric(c) && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// hasControl reports control characters: ASCII's, DEL, C1, and Unicode's line and paragraph separators.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
	})
}
