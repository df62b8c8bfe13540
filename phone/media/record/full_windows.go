package record

import (
	"errors"
	"syscall"
)

// isFullHere knows the codes ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
func isFullHere(err error) bool {
	return errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112))
}
