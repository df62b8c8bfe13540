package phone_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// seedNames are all names of the contract, copied from its own tables and sentences and not from ours, so that a row that doc.go
// forgot fails here.
var seedNames = map[string]string{
	"attributes": "currentSessionID currentSession reRegistryPhoneTimes deviceIds cameraId microphoneId sessions isRegistered " +
		"recordPermissions incomingList isMaxCall",
	"methods": "on start reRegister call reject answer hangup terminate blindTransfer attendedTransfer hold unhold dtmf mute unmute " +
		"startRecord pauseRecord disconnect getSession setCurrentSession getCurrentSession setSessionStaticStatus destroy " +
		"renegotiate audioToVideo videoToAudio",
	"arguments": "option video offerToReceiveVideo extraHeaders transferId startManualModel",
	"events": "connected disconnected registered registrationFailed isRegisteredChange newRTCSession incoming startSession " +
		"recordPermissionsChange deleteSession",
	"a call's events": "accepted confirmed ended failed clientError reinvite streamAdded localStream remoteStream statusChange " +
		"staticStatusChange callReport updateTimer",
	"a call's status": "number callId communicationType isVideo isRing isHold isMute callStatus callStartTime recordStatus isTransfer " +
		"transferParent isConference name avatar company",
	"timers and report": "ringDuration callingDuration callDuration holdDuration timestamp date extension iceResult network deviceType duration audio video",
	"result codes":      "-1 -200 -201 -202 -203 -204 -205 -206 -207 -208 -209 -210 -211 -290 -291",
}

func TestEveryNameOfTheContractHasItsRow(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, r := range contract() {
		rows[r.seed] = true
	}
	names := namesInTable(string(text))
	for where, list := range seedNames {
		for name := range strings.FieldsSeq(list) {
			if !names[name] {
				t.Errorf("%s: doc.go does not name %s", where, name)
			}
			if !rows[name] {
				t.Errorf("%s: no row tests %s", where, name)
			}
		}
	}
}

// The values of the contract are names, too.
func TestTheContractsValuesAreSpeltAsItSpellsThem(t *testing.T) {
	for want, got := range map[string]any{
		"inbound": phone.Inbound, "outbound": phone.Outbound, "stop": phone.RecordStop, "recording": phone.Recording, "pause": phone.RecordPause,
		"Rejected": phone.CauseRejected, "Authentication Error": phone.CauseAuthentication, "Request Timeout": phone.CauseRequestTimeout,
		"Connection Error": phone.CauseConnection,
	} {
		if text := fmt.Sprint(got); text != want {
			t.Errorf("%q is spelt %q", want, text)
		}
	}
	for err, want := range map[*phone.Error]string{
		phone.ErrUnknown: "UNKNOWN_ERROR", phone.ErrRegistryFailed: "REGISTRY_FAILED", phone.ErrLocalStream: "GET_LOCAL_STREAM_ERROR",
		phone.ErrRegistryMaxTries: "RE_REGISTRY_MAX_LIMIT_TIMES", phone.ErrMaxCalls: "MAX_LIMIT_CALL",
		phone.ErrLocalMediaInfo: "GET_LOCAL_MEDIA_INFO_ERROR", phone.ErrAttendedParentNotFound: "ATTENDED_PARENT_NOT_FOUND",
		phone.ErrCallTooSoon: "CALL_TOO_MANY_TIMES", phone.ErrInvalidNumber: "INVALID_NUMBER",
		phone.ErrCurrentCallNotConnected: "CURRENT_CALL_HAS_NOT_CONNECTED", phone.ErrCallNotFound: "NOT_FOUND_CALL_ID",
		phone.ErrNoMicrophone: "NOT_FOUND_AUDIO_INPUT_DEVICE", phone.ErrNoCamera: "NOT_FOUND_VIDEO_INPUT_DEVICE",
	} {
		if phone.NameOf(err) != want {
			t.Errorf("%d is named %s, want %s", phone.CodeOf(err), phone.NameOf(err), want)
		}
	}
}
