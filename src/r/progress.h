// How far long work has come: poll_interrupt() shows it, from a second on.
#pragma once

namespace mmappickle {

// Of the work of this call, 0 to 1. Who never says it is shown as at work.
void note_progress(double fraction);

// The call of an exported function begins.
void begin_progress();
// Seconds until it is shown; for tests.
void set_quiet(double seconds);
// Runs R/progress.R, and no other R code; throws what its jumps become.
void show_progress();

}  // namespace mmappickle
