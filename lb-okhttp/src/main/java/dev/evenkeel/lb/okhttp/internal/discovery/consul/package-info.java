/**
 * The session with Consul's catalog and health API.
 *
 * <p>Start reading at {@code ConsulSession}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.discovery.consul;

import org.jspecify.annotations.NullMarked;
