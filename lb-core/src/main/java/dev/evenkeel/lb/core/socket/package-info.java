/**
 * Layer 4: pools behind plain sockets and UDP flows, for clients that do not use HTTP.
 *
 * <p>A connection is one lease: it is in flight until it is closed, and its backend's health depends on how it was
 * established and how it ended. Nothing here depends on how a pool chooses. Start reading at
 * {@link dev.evenkeel.lb.core.socket.PoolSocketFactory} and {@link dev.evenkeel.lb.core.socket.DatagramFlows}.
 */
@NullMarked
package dev.evenkeel.lb.core.socket;

import org.jspecify.annotations.NullMarked;
