/**
 * Threads, atomic access to fields, and a set without a lock: what each class would otherwise set up for itself.
 *
 * <p>Depends on nothing. Start reading at {@code DaemonThreads}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.concurrent;

import org.jspecify.annotations.NullMarked;
