package phone

// Tone is what our own ear or the ringer is to hear.
type Tone string

// The tones. Those that ring (alert.go has more) go to the ringer device, the others to the speaker.
const (
	ToneNone        Tone = ""
	ToneRingback    Tone = "ringback"
	ToneBusy        Tone = "busy"
	ToneCongestion  Tone = "congestion"
	ToneRing        Tone = "ring"
	ToneCallWaiting Tone = "call-waiting"
)

// DeviceIDs is the contract's deviceIds, and beyond the seed the speaker and the ringer. Empty: the system's default.
type DeviceIDs struct {
	Camera     string `json:"cameraId"`
	Microphone string `json:"microphoneId"`
	Speaker    string `json:"speakerId"`
	Ringer     string `json:"ringerId"`
}

// Devices answers from the list known already; it never opens or waits.
type Devices interface {
	HaveMicrophone() bool
	HaveCamera() bool
}
