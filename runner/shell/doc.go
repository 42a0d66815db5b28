// Package shell is the learner's shell: bash or zsh in a real pseudo-terminal, the screen it draws, and a record of what
// was typed and how it ended.
//
// Bytes of the terminal go one way: scanner (text and control sequences, never torn) → terminal (the emulator, kept from
// what would harm it), capture (the output of the running command) and tracker (the marks of the shell integration). The
// marks are OSC 633 sequences that carry a secret, so that no program can forge what was typed.
package shell
