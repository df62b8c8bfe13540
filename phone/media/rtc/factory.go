package rtc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// Timing of a phone's transport.
const (
	// disconnectedAfter: no packet of ICE for so long, and the person is told.
	disconnectedAfter = 4 * time.Second
	// failedAfter comes on top of it.
	failedAfter = 20 * time.Second
	keepAlive   = time.Second
	// dtlsRetransmit is short, because the first flight is often lost while the far end's ICE is not up yet.
	dtlsRetransmit = 60 * time.Millisecond
	dtlsTimeout    = 15 * time.Second
	// gatherGrace is what STUN and TURN servers get after the first candidate.
	gatherGrace = 500 * time.Millisecond
	// restartGather is what they get for an ICE restart: nobody waits for a ringing tone then, and it may be them that
	// the first description lacked.
	restartGather = 3 * time.Second
	// gatherLimit is for machines where no candidate ever comes.
	gatherLimit = 2 * time.Second
	// maxBindingRequests is pion's 7 and the extra rounds of nudge, so that a slow path is not given up earlier.
	maxBindingRequests = 18
)

// Options are a Factory's; the zero value is good for a person's desktop.
type Options struct {
	// Logger takes what goes wrong, never addresses' secrets. Nil: nothing is logged.
	Logger *slog.Logger
	// IncludeLoopback gathers 127.0.0.1 and ::1 too: for the demo and for tests.
	IncludeLoopback bool
	// InterfaceFilter keeps network interfaces by name; nil keeps all.
	InterfaceFilter func(name string) bool
	// IPFilter keeps local addresses; nil keeps all.
	IPFilter func(net.IP) bool
	// Certificate is the one that all transports show; nil: a new one is made (RFC 8827 §6.5).
	Certificate *webrtc.Certificate

	// lossAfter and failAfter replace disconnectedAfter and failedAfter in tests.
	lossAfter, failAfter time.Duration
	// findLimit replaces the constant of that name.
	findLimit time.Duration
	// relayOnly leaves only the way by a relay, in tests.
	relayOnly bool
}

// Factory makes transports with ICE and DTLS-SRTP. It holds no sockets and no goroutines itself and is safe
// for concurrent use.
type Factory struct {
	engine *webrtc.MediaEngine
	// repeats sends pictures' packets again that the far end has lost (NACK, RFC 4585 §6.2.1).
	repeats interceptor.Factory

	settings    webrtc.SettingEngine
	certificate webrtc.Certificate
	policy      webrtc.ICETransportPolicy
	findLimit   time.Duration
	log         *slog.Logger
}

var _ media.TransportFactory = (*Factory)(nil)

// New makes a factory. It does what costs time (the certificate's key, pion's tables), so that an offer does not.
func New(o Options) (*Factory, error) {
	f := &Factory{log: o.Logger, findLimit: findLimit}
	if o.findLimit > 0 {
		f.findLimit = o.findLimit
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if o.relayOnly {
		f.policy = webrtc.ICETransportPolicyRelay
	}
	if o.Certificate != nil {
		f.certificate = *o.Certificate
	} else {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("rtc: key: %w", err)
		}
		c, err := webrtc.GenerateCertificate(key)
		if err != nil {
			return nil, fmt.Errorf("rtc: certificate: %w", err)
		}
		f.certificate = *c
	}
	var err error
	if f.engine, err = mediaEngine(); err != nil {
		return nil, err
	}
	if f.repeats, err = nack.NewResponderInterceptor(nack.ResponderSize(512), nack.WithResponderLoggerFactory(silence{})); err != nil {
		return nil, fmt.Errorf("rtc: repeated packets: %w", err)
	}
	if f.settings, err = settingEngine(o); err != nil {
		return nil, err
	}
	return f, f.warm()
}

// newAPI is pion with our settings, with a peer's own sockets, and with its way to a transport's servers; nil: it has none.
// It does nothing to the packets: reports are ours (rtcp.go), since pion's know one clock for all that comes, the first
// codec's.
func (f *Factory) newAPI(own *servers, network *marks, ports phone.PortRange) *webrtc.API {
	settings := f.settings
	settings.SetNet(network)
	if !ports.IsZero() {
		_ = settings.SetEphemeralUDPPortRange(ports.Low, ports.High) // it was checked with the account
	}
	if own != nil {
		settings.LoggerFactory = own
		settings.SetICEProxyDialer(own)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(f.engine), webrtc.WithInterceptorRegistry(&interceptor.Registry{}), webrtc.WithSettingEngine(settings))
}

// mediaEngine knows our codecs only.
func mediaEngine() (*webrtc.MediaEngine, error) {
	engine := &webrtc.MediaEngine{}
	for _, f := range ours {
		err := engine.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: "audio/" + f.Name, ClockRate: f.ClockRate, Channels: pionChannels(f), SDPFmtpLine: f.FMTP,
			},
			PayloadType: webrtc.PayloadType(f.PayloadType),
		}, webrtc.RTPCodecTypeAudio)
		if err != nil {
			return nil, fmt.Errorf("rtc: codec %s: %w", f.Name, err)
		}
	}
	// No description that pion sees has video; its sender wants to know the codec all the same.
	video := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock},
		PayloadType:        webrtc.PayloadType(vp8.PayloadType),
	}
	if err := engine.RegisterCodec(video, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, fmt.Errorf("rtc: codec VP8: %w", err)
	}
	return engine, nil
}

// pionChannels is 0 for one channel, as the SDP says nothing then.
func pionChannels(f sdp.Format) uint16 {
	if f.Channels == 2 {
		return 2
	}
	return 0
}

func settingEngine(o Options) (webrtc.SettingEngine, error) {
	var s webrtc.SettingEngine
	s.LoggerFactory = silence{}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.DisableActiveTCP(true)
	s.SetIncludeLoopbackCandidate(o.IncludeLoopback)
	if o.InterfaceFilter != nil {
		s.SetInterfaceFilter(o.InterfaceFilter)
	}
	if o.IPFilter != nil {
		s.SetIPFilter(o.IPFilter)
	}
	loss, fail := disconnectedAfter, failedAfter
	if o.lossAfter > 0 {
		loss, fail = o.lossAfter, o.failAfter
	}
	s.SetICETimeouts(loss, fail, min(keepAlive, loss/2))
	// All candidates are in the description, so there is little to wait for; pion's own values are 0, 500, 1000 and 2000 ms.
	s.SetHostAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(20 * time.Millisecond)
	s.SetSrflxAcceptanceMinWait(50 * time.Millisecond)
	s.SetRelayAcceptanceMinWait(300 * time.Millisecond)
	s.SetICEMaxBindingRequests(maxBindingRequests)
	s.SetSTUNGatherTimeout(gatherLimit)
	s.SetDTLSRetransmissionInterval(dtlsRetransmit)
	s.SetDTLSConnectContextMaker(func() (context.Context, func()) {
		return context.WithTimeout(context.Background(), dtlsTimeout)
	})
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	// A stream is told of before its first packet is looked at: the type of that packet does not matter then.
	s.SetFireOnTrackBeforeFirstRTP(true)
	s.SetHandleUndeclaredSSRCWithoutAnswer(true)
	// The SIP dialog says when a call is over.
	s.DisableCloseByDTLS(true)
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleClient); err != nil {
		return s, fmt.Errorf("rtc: %w", err)
	}
	return s, nil
}

// warm makes an offer and throws it away: the first one of a process costs several times the later ones. No socket is opened.
func (f *Factory) warm() error {
	pc, err := f.newAPI(nil, &marks{}, phone.PortRange{}).NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{f.certificate}})
	if err != nil {
		return fmt.Errorf("rtc: %w", err)
	}
	if _, err = pc.AddTrack(&outTrack{}); err == nil {
		_, err = pc.CreateOffer(nil)
	}
	if closeErr := pc.GracefulClose(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("rtc: first offer: %w", err)
	}
	return nil
}

// NewTransport makes a transport for one leg. Nothing is opened before the first Offer or Answer. Servers of
// o.ICEServers that cannot be read are left out with a word in the log.
func (f *Factory) NewTransport(o phone.LegOptions, sink media.TransportSink) (media.Transport, error) {
	t := newTransport(f, sink)
	t.ports = o.Ports
	t.servers = f.newServers(t.Ctx, o, func(server string, err error) {
		f.log.Warn("an ICE server refuses us", "server", server, "err", err)
		t.Tell(func(s media.TransportSink) { s.Trouble(err) })
	})
	return t, nil
}

// check says whether pion takes the server; making a PeerConnection with it is the only way to ask.
func (f *Factory) check(s webrtc.ICEServer) error {
	g, err := f.newAPI(nil, &marks{}, phone.PortRange{}).NewICEGatherer(webrtc.ICEGatherOptions{ICEServers: []webrtc.ICEServer{s}})
	if err != nil {
		return fmt.Errorf("rtc: ICE server: %w", err)
	}
	return g.Close()
}

// silence keeps pion's own log, which goes to standard error and tells addresses, off.
type silence struct{}

func (silence) NewLogger(string) logging.LeveledLogger {
	return &logging.DefaultLeveledLogger{} // its level is "disabled"
}
