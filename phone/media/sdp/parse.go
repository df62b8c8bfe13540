package sdp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxAttributes is how many a description may hold; more is an attack or a mistake.
const maxAttributes = 2000

// attribute is an a-line.
type attribute struct{ key, value string }

// section is what matters of the session's own lines, or of those of one m-line.
type section struct {
	media, proto string // of the m-line
	port         int
	formats      []string
	address      string // of the c-line
	attributes   []attribute
}

// first returns the first attribute of that key.
func (s *section) first(key string) (string, bool) {
	for _, a := range s.attributes {
		if a.key == key {
			return a.value, true
		}
	}
	return "", false
}

// all returns every value of that key, in order.
func (s *section) all(key string) (values []string) {
	for _, a := range s.attributes {
		if a.key == key {
			values = append(values, a.value)
		}
	}
	return values
}

// parse splits a description into the session's section and those of its media lines. It asks for no more than it
// needs (RFC 8866 §5 orders and requires lines that phones leave out or put elsewhere), and takes every kind of media
// and every transport protocol as a name: a line that we cannot use is refused, not the call.
func parse(raw []byte) (sections []*section, err error) {
	sections = []*section{{}}
	attributes, begun := 0, false
	for line := range strings.SplitSeq(string(raw), "\n") {
		line = strings.TrimRight(line, "\r\x00 \t")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' {
			return nil, errors.New("a line that is none")
		}
		key, value := line[0], line[2:]
		if !begun && key != 'v' {
			return nil, errors.New("no v-line at the beginning")
		}
		begun = true
		current := sections[len(sections)-1]
		switch key {
		case 'v':
			if strings.TrimSpace(value) != "0" {
				return nil, errors.New("another version")
			}
		case 'm':
			if len(sections) > maxLines {
				return nil, errors.New("too many media lines")
			}
			if current, err = parseMedia(value); err != nil {
				return nil, err
			}
			sections = append(sections, current)
		case 'c':
			if current.address == "" { // the first one counts
				current.address = parseConnection(value)
			}
		case 'a':
			if attributes++; attributes > maxAttributes {
				return nil, errors.New("too many attributes")
			}
			name, rest, _ := strings.Cut(value, ":")
			current.attributes = append(current.attributes, attribute{strings.TrimSpace(name), rest})
		}
	}
	if len(sections) < 2 {
		return nil, errors.New("no media line")
	}
	return sections, nil
}

// parseMedia reads "audio 49170/2 RTP/AVP 0 8" (RFC 8866 §5.14).
func parseMedia(value string) (*section, error) {
	words := strings.Fields(value)
	if len(words) < 3 {
		return nil, errors.New("an m-line that is none")
	}
	for _, w := range words { // they come back in our answer
		if len(w) > 64 || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, errors.New("an m-line that cannot be repeated")
		}
	}
	number, _, _ := strings.Cut(words[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port %q", number)
	}
	formats := words[3:]
	return &section{media: words[0], port: int(port), proto: words[2], formats: formats[:min(len(formats), maxFormats)]}, nil
}

// parseConnection reads the address of "IN IP4 192.0.2.1/127" (RFC 8866 §5.7), "" where it is none.
func parseConnection(value string) string {
	words := strings.Fields(value)
	if len(words) < 3 || words[0] != "IN" || words[1] != "IP4" && words[1] != "IP6" {
		return ""
	}
	address, _, _ := strings.Cut(words[2], "/")
	return address
}
