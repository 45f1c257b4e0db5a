package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

/** The user of etcd and its password, which no text shows. */
public record EtcdCredentials(String user, String password) {
    @Override
    public String toString() {
        return "Credentials[" + user + "]";
    }
}
