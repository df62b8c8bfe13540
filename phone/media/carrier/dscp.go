package carrier

// DSCP says how routers are to treat a packet (RFC 2474).
type DSCP int

// What media are marked as (RFC 8837 §5, RFC 4594 §4.1 and §4.3).
const (
	VoiceDSCP DSCP = 46 // EF
	VideoDSCP DSCP = 34 // AF41
)
