/**
 * The session with etcd's gRPC gateway.
 *
 * <p>Start reading at {@code EtcdSession}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

import org.jspecify.annotations.NullMarked;
