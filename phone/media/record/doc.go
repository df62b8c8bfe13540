// Package record writes the files of local recordings: the near side on the left, the far side on the right.
//
//	engine's recorder ──Write()──► Ogg Opus: 20 ms packets ─► page of 0.4 s ─► file
//	                               WAV: blocks of 0.4 s ─► file, then the sizes in its header
//
// The program may be killed at any moment: each page or block goes to the system whole and at once, so that the file is valid and
// misses less than half a second. A write that fails (a full disk) is taken back to the last whole page.
//
// Files are readable by their owner alone (0600), folders made here too (0700). A file's name is made of the time and of who is
// recorded (FileName), which is text of strangers: nothing of it leads out of the folder, nor fools the eye.
package record
