package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

/** The user of etcd and its password; {@code toString} does not show them. */
public record EtcdCredentials(String user, String password) {
    @Override
    public String toString() {
        return "Credentials[" + user + "]";
    }
}
