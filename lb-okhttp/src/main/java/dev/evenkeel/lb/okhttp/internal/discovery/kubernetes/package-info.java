/**
 * The session with the Kubernetes API: EndpointSlices, listed and watched.
 *
 * <p>Start reading at {@code KubernetesSession}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import org.jspecify.annotations.NullMarked;
