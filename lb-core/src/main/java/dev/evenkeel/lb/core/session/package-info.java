/**
 * Stores which backend a session is bound to.
 *
 * <p>Knows no HTTP and no pool: a client reads it before {@code acquire}, and updates it afterwards. Start reading at
 * {@link dev.evenkeel.lb.core.session.SessionTable}.
 */
@NullMarked
package dev.evenkeel.lb.core.session;

import org.jspecify.annotations.NullMarked;
