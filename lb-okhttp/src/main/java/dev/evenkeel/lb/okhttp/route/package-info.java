/**
 * Routes: which requests go to which pool, and what is changed on the way.
 *
 * <p>Values and matching only: nothing here sends anything. Every value is immutable and checked when it is made. Start
 * reading at {@code Route}, then {@code RouteTable}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.route;

import org.jspecify.annotations.NullMarked;
