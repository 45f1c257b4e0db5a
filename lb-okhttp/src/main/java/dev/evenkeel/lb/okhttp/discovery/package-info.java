/**
 * Registries as sources of backends: the builders for Kubernetes, etcd, Consul, Eureka and control planes of xDS. Each is
 * read over HTTP with the user's client, without the registry's own. The protocols are in {@code
 * okhttp.internal.discovery}. Start reading at {@code KubernetesDiscovery}, then {@code RegistryWatch}, which runs one
 * source.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.discovery;

import org.jspecify.annotations.NullMarked;
