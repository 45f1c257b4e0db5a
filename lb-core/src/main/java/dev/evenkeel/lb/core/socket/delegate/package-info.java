/**
 * A socket that is another one, for this library's own modules: not exported to applications.
 */
@NullMarked
package dev.evenkeel.lb.core.socket.delegate;

import org.jspecify.annotations.NullMarked;
