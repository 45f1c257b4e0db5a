/**
 * The xDS protocol (version 3) of control planes: a stream of gRPC over HTTP/2, the few messages of EDS and CDS, and how
 * endpoints become backends.
 *
 * <p>Depends on OkHttp and {@code discovery.registry}. Start reading at {@code XdsSession}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import org.jspecify.annotations.NullMarked;
