/**
 * Layer 4: pools behind plain sockets and UDP flows, for clients that speak something else than HTTP.
 *
 * <p>A connection is one lease: it counts as in flight until it is closed, and how it was made and how it broke is what
 * its backend's health learns. Nothing here knows how a pool chooses. Start reading at
 * {@link dev.evenkeel.lb.core.socket.PoolSocketFactory} and {@link dev.evenkeel.lb.core.socket.DatagramFlows}.
 */
@NullMarked
package dev.evenkeel.lb.core.socket;

import org.jspecify.annotations.NullMarked;
