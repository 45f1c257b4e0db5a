/**
 * The session with Eureka's REST API.
 *
 * <p>Start reading at {@code EurekaSession}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.discovery.eureka;

import org.jspecify.annotations.NullMarked;
