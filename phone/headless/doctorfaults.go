package headless

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// reachLimit is how long the search for the reason may take after a server was not reached.
const reachLimit = 3 * time.Second

// answered is " (SIP status 403 Forbidden)", "" where no answer came. The phrase is the server's own and untrusted.
func answered(e phone.Event) string {
	status, phrase := statusOf(e), e.Reason
	if phrase == "" {
		phrase = e.Call.Reason
	}
	if status == 0 {
		return ""
	}
	phrase = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, phrase)
	return fmt.Sprintf(" (%s)", strings.TrimSpace(fmt.Sprintf("SIP status %d %.60s", status, phrase)))
}

func statusOf(e phone.Event) int {
	if e.Status == 0 {
		return e.Call.SIPStatus
	}
	return e.Status
}

// registrationFinding says what a server's answer to REGISTER means.
func registrationFinding(e phone.Event) *finding {
	f := &finding{check: "registration", reason: ReasonRegistration, status: statusOf(e)}
	said := answered(e)
	switch e.Cause {
	case phone.CauseAuthentication:
		f.reason = ReasonAuthentication
		f.text = "The server refused the user name or the password" + said + ". Check both, and the name for authentication (\"username\") and realm, where the PBX has others."
	case phone.CauseRejected:
		f.reason = ReasonForbidden
		f.text = "The server forbids this registration" + said + ". Often the password is wrong; or the account is locked, or this network is not let in. The PBX's log tells which."
	case phone.CauseNotFound, phone.CauseAddress:
		f.reason = ReasonUserUnknown
		f.text = "The server knows no such user" + said + ". Check user and domain (\"uri\")."
	case phone.CauseRedirected:
		f.text = "The server sends us to another one" + said + ". Name that one as the server."
	case phone.CauseServer:
		f.text = "The server has trouble of its own" + said + ". Look into its log, and try again later."
	default:
		f.text = fmt.Sprintf("The server refused the registration: %s%s. The PBX's log tells why; -trace FILE shows the messages.", e.Cause, said)
	}
	return f
}

func certificateFinding(cause phone.Cause) *finding {
	f := &finding{check: "network", reason: ReasonCertificate}
	switch cause {
	case phone.CauseCertificateExpired:
		f.text = "The server's certificate is out of date, or this computer's clock is wrong. Renew it, or set the clock."
	case phone.CauseCertificateName:
		f.text = "The server's certificate is for another name. Is its address right? Otherwise let the server have one for its name or the domain of the account."
	default:
		f.text = "The server's certificate cannot be trusted: no authority that this computer knows vouches for it. Name its authority's file in the account (\"ca\")."
	}
	return f
}

// callFinding says what became of a call that was not confirmed.
func callFinding(number string, e phone.Event) *finding {
	f := &finding{check: "call", reason: ReasonCallFailed, status: statusOf(e)}
	said, cause := answered(e), causeOf(e)
	switch cause {
	case phone.CauseIncompatibleSDP, phone.CauseBadMedia:
		f.reason = ReasonMediaRefused
		f.text = "The call to " + number + " failed, since both sides have no codec or no encryption in common" + said + ". Compare the account's \"media\" and \"encryption\" and the codecs with what the PBX allows this extension."
	case phone.CauseRejected:
		f.reason = ReasonForbidden
		f.text = "The call to " + number + " was refused" + said + ". May this extension call it? The PBX's dial plan and log tell."
	case phone.CauseNotFound, phone.CauseAddress:
		f.reason = ReasonNumber
		f.text = "The PBX knows no number " + number + said + ". Name one that answers with an echo (-number)."
	case phone.CauseAuthentication:
		f.reason = ReasonAuthentication
		f.text = "The PBX takes the password for the registration, but not for calls" + said + ". Is there a proxy with a realm of its own?"
	case phone.CauseBusy, phone.CauseUnavailable, phone.CauseNoAnswer:
		f.text = fmt.Sprintf("%s cannot be reached now: %s%s. Name another number that answers with an echo (-number).", number, cause, said)
	case phone.CauseMedia:
		return mediaFinding(said, e.Err)
	case phone.CauseServer:
		f.text = "The PBX has trouble of its own with the call to " + number + said + ". Look into its log."
	case phone.CauseConnection, phone.CauseRequestTimeout:
		f.text = fmt.Sprintf("The call to %s got no answer from the server: %s%s. Does a firewall or a router with a SIP helper (ALG) drop large UDP packets? Try tcp or tls.", number, cause, said)
	default:
		f.text = fmt.Sprintf("The call to %s failed: %s%s. The PBX's log tells why; -trace FILE shows the messages.", number, cause, said)
	}
	return f
}

func causeOf(e phone.Event) phone.Cause {
	if e.Cause == phone.CauseNone {
		return e.Call.Cause
	}
	return e.Cause
}

// endedFinding says why a call ended before anything was heard.
func endedFinding(e phone.Event) *finding {
	if causeOf(e) == phone.CauseMedia {
		return mediaFinding(answered(e), e.Err)
	}
	return &finding{check: "media", reason: ReasonCallFailed, status: statusOf(e),
		text: fmt.Sprintf("The call ended before anything was heard: %s%s. The PBX's log tells why.", causeOf(e), answered(e))}
}

func mediaFinding(said string, err error) *finding {
	why := ""
	if err != nil {
		why = fmt.Sprintf(" (%v)", err)
	}
	return &finding{check: "media", reason: ReasonMediaFailed,
		text: "The call was answered, but the sound found no way: ICE or DTLS failed" + said + why + ". A firewall may block UDP between here and the PBX. Name a relay (\"iceServers\"), best by TLS at port 443."}
}

// silenceFinding: packets come, but nothing is heard.
func silenceFinding(r *Report) *finding {
	return &finding{check: "echo", reason: ReasonEchoSilent, text: fmt.Sprintf("Sound goes only one way: %d packets came, but they hold silence, while %d of ours went out. "+
		"The far end does not hear us, or does not speak. Does a firewall keep our UDP from the PBX, or does the PBX send to a wrong address?", r.PacketsReceived, r.PacketsSent)}
}

// unreached looks for the reason why the server gave no answer.
func (x Examination) unreached(ctx context.Context, e phone.Event) *finding {
	f := &finding{check: "network", reason: ReasonUnreachable, status: statusOf(e)}
	accounts := x.Operator.Snapshot().Accounts
	if len(accounts) == 0 {
		f.text = "The account is gone."
		return f
	}
	account := accounts[0].Account
	where := account.Server
	if where == "" {
		where = account.Host()
	}
	var err error
	if x.Reach != nil {
		ctx, cancel := context.WithTimeout(ctx, reachLimit)
		defer cancel()
		err = x.Reach(ctx, account)
	}
	switch dns, isName := errors.AsType[*net.DNSError](err); {
	case isName && dns.IsNotFound:
		f.reason = ReasonNameUnknown
		f.text = fmt.Sprintf("Nobody knows the name %s (DNS). Check its spelling, or this computer's network.", account.Host())
	case isName:
		f.reason = ReasonNameUnknown
		f.text = fmt.Sprintf("The name %s could not be looked up (DNS: %s). Is this computer on the network?", account.Host(), dns.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		f.text = fmt.Sprintf("The computer of %s was reached, but nothing listens at that port. Check port and transport, and whether the PBX runs.", where)
	case err == nil && e.Cause == phone.CauseRequestTimeout:
		f.text = fmt.Sprintf("The server %s did not answer REGISTER%s. Is its address right, is SIP spoken at that port and transport, and does a firewall let it through?", where, answered(e))
	case err == nil:
		f.text = fmt.Sprintf("The server %s cannot be reached%s. Is its address right, are port and transport, and does a firewall let it through?", where, answered(e))
	default:
		f.text = fmt.Sprintf("The server %s cannot be reached (%v). Is its address right, and does a firewall let it through?", where, err)
	}
	return f
}

// ReachServer looks up the name of the account's server and, where it is reached by TCP, connects to it. The error is the
// network's own: a *net.DNSError where nobody knows the name, syscall.ECONNREFUSED where nothing listens there. nil: nothing is
// wrong so far, SIP itself was not tried.
func ReachServer(ctx context.Context, account phone.Account) error {
	host, port := account.Host(), ""
	scheme, rest, _ := strings.Cut(account.Server, ":")
	switch scheme {
	case "ws", "wss":
		if u, err := url.Parse(account.Server); err == nil {
			port = u.Port()
		}
		port = orElse(port, map[string]string{"ws": "80", "wss": "443"}[scheme])
	case "tcp", "tls":
		if _, p, err := net.SplitHostPort(strings.TrimSuffix(rest, ";lr")); err == nil {
			port = p
		}
		port = orElse(port, map[string]string{"tcp": "5060", "tls": "5061"}[scheme])
	default:
		return lookUp(ctx, host, account.Server == "")
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err == nil {
		err = conn.Close()
	}
	return err
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// lookUp: a domain may have no address of its own, but a SIP server (RFC 3263 §4.1).
func lookUp(ctx context.Context, host string, domain bool) error {
	_, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err == nil || !domain {
		return err
	}
	for _, service := range [][2]string{{"sips", "tcp"}, {"sip", "tcp"}, {"sip", "udp"}} {
		if _, list, missing := net.DefaultResolver.LookupSRV(ctx, service[0], service[1], host); missing == nil && len(list) > 0 {
			return nil
		}
	}
	return err
}
