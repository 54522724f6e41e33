# Makes corund@.service and corund@.socket of corund.service and corund.socket: the same daemon and the same sandbox,
# kept in one place, with a socket, a state folder, a configuration and a dynamic user of the instance's own.

s|^Description=.*|& (%i)|
s|^\([A-Za-z]*\)=corund\.socket|\1=corund@%i.socket|
s|/run/corund/corund\.sock|/run/corund/%i/corund.sock|
s|/etc/corund/corund\.toml|/etc/corund/%i/corund.toml|
s|^ConfigurationDirectory=corund|&/%i|
# Without a name of its own it would have that of the unit without its instance, which is corund.service's.
s|^DynamicUser=yes|&\
User=corund-%i|
# Beside the state of corund.service, not in it: that is another user's, closed to all others, and with DynamicUser=yes
# a symbolic link.
s|^StateDirectory=corund|&@%i|
