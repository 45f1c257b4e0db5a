package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import java.io.IOException;

/** A server ended a gRPC stream with another status than 0. */
final class GrpcStatusException extends IOException {
    private static final long serialVersionUID = 1L;

    GrpcStatusException(String status, String message) {
        super("the control plane ended the stream with grpc-status " + status
                + (message.isEmpty() ? "" : ": " + message));
    }
}
