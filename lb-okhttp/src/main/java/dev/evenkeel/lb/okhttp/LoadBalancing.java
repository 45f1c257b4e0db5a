package dev.evenkeel.lb.okhttp;

/** Attaches load balancers to OkHttp clients. */
public final class LoadBalancing {
    private LoadBalancing() {}
}
