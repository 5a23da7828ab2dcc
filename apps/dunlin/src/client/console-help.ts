/** The commands of a device's console, for `help`. */
export const consoleHelp = `\
list                          the Objects and their instances
get /3303/0/5700              a value; /3303/0 and /3303 for several
set /3303/0/5700 21.5         a new value; the temperature then stays
set /6/0/0 52.53              a new position, of now
move                          let the temperature move by itself again
update                        send an Update to the server
sleep 5                       wait so many seconds, in a script
quit                          deregister and end
`;
