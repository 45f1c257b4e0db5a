/**
 * Routes: which requests go to which pool, and what is changed on the way.
 *
 * <p>Values and the matching alone: nothing here sends anything, and every value is immutable and checked when it is
 * made. Start reading at {@code Route}, then {@code RouteTable}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.route;

import org.jspecify.annotations.NullMarked;
