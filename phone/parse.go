package phone

// ParseAccount reads an account of automation.md from JSON.
func ParseAccount(data []byte) (Account, error) { panic("being written") }

// TargetURI makes the SIP URI to be dialled for what a person typed, on the account's domain. The error wraps ErrInvalidNumber.
func TargetURI(number string, a Account) (string, error) { panic("being written") }

// CheckHeader refuses a header that the dialog owns, or one with CR, LF or NUL. The error wraps ErrHeaderNotAllowed.
func CheckHeader(h Header) error { panic("being written") }
