/* Prints its environment, as execve has put it onto the stack. */
extern char **environ;

int main()
{
    char **at;

    for (at = environ; *at; at++)
        printf("%s\n", *at);
    return at - environ;
}
