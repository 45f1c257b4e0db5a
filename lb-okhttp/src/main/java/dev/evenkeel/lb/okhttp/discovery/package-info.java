/**
 * Registries that speak HTTP as sources of backends: Kubernetes, etcd, Consul, Eureka. Each is read by its documented
 * protocol over the user's client, without the registry's own. Start reading at {@code RegistryWatch}, which runs one
 * source; a {@code RegistrySession} per registry knows its protocol, and nothing here knows pools.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.discovery;

import org.jspecify.annotations.NullMarked;
