/**
 * What happened to a pool, as data: one record per kind of event, and the listener that receives them.
 *
 * <p>Events are facts with a time and a cause. They are delivered in the order in which they happened, outside of every
 * lock. Start reading at {@link dev.evenkeel.lb.event.LoadBalancerEvent}.
 */
@NullMarked
package dev.evenkeel.lb.event;

import org.jspecify.annotations.NullMarked;
