/**
 * Real nginx servers that are killed, stopped, broken, slowed down and restarted under open-loop traffic of an attached
 * client, and what that costs the calls; and what servers do to connections, beside plain OkHttp ({@code Parity…}). It may
 * start processes and listen on loopback, nothing else. Start reading at
 * {@link dev.evenkeel.lb.examples.failures.Failures}.
 */
@NullMarked
package dev.evenkeel.lb.examples.failures;

import org.jspecify.annotations.NullMarked;
