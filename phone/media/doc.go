// Package media is the audio engine.
package media
