/**
 * What a service manager is told: that the appliance serves, that it is alive, that it stops. The
 * protocol is systemd's {@code sd_notify(3)}: datagrams to the socket that {@code NOTIFY_SOCKET}
 * names. Java has no datagrams over unix sockets, so they go through the C library. Where no
 * variable names a socket there is no thread, and nothing native is touched.
 */
@NullMarked
package dev.muster.kernel.supervision;

import org.jspecify.annotations.NullMarked;
