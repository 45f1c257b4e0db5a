package dev.evenkeel.lb.okhttp.internal.discovery.xds;

/**
 * What a source asks a control plane for.
 *
 * @param node who asks
 * @param cluster whose endpoints are wanted
 * @param cds whether the cluster is asked for first, which names its load assignment; otherwise that has its name
 * @param delta whether the stream is of changes (incremental xDS)
 */
public record XdsSubscription(XdsNode node, String cluster, boolean cds, boolean delta) {}
