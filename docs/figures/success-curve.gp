# Written by statbed plot; edit it and run gnuplot on it in its folder.
set terminal svg dynamic noenhanced font 'sans-serif,12' background rgb 'white' size 922,900
set encoding utf8
set output './success-curve.svg'
data = './success-curve.dat'
set logscale x 2
set ylabel 'success with at most q queries'
set datafile missing '?'
set border 3 linewidth 0.8
set tics nomirror out
set mxtics 1
set mytics 1
set grid xtics ytics linewidth 0.4 linecolor '#d0d0d0' dashtype 1
set key outside below left Left reverse maxcols 1 samplen 4 font ',11'
set multiplot layout 2,2 title 'Success against queries'."\n".'experiment success-curve, family parity, oracle stat, goal recover,'."\n".'policy reference' font ',11'

set xrange [1:1151.1499999999999]
set yrange [0:1.04]
set xtics autofreq
set xtics 4
set format x '%.0f'
set xlabel 'queries q'."\n"
set title 'dim 10, tol 0.24'
plot data index 2 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 0 using 1:2:1:5:3:4 with boxxyerror fillcolor '#0072B2' fillstyle transparent solid 0.15 noborder notitle, \
     data index 0 using 1:2 with steps linewidth 2 linecolor '#0072B2' dashtype 1 title 'parity-bent', \
     data index 1 using 1:2:1:5:3:4 with boxxyerror fillcolor '#D55E00' fillstyle transparent solid 0.15 noborder notitle, \
     data index 1 using 1:2 with steps linewidth 2 linecolor '#D55E00' dashtype (10,4) title 'parity-correlation', \
     data index 2 using 1:2 with lines linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'shaded: Wilson'."'".'s 95 % interval'

set xrange [1:1151.1499999999999]
set yrange [0:1.04]
set xtics autofreq
set xtics 4
set format x '%.0f'
set xlabel 'queries q'."\n"
set title 'dim 10, tol 0.12'
plot data index 5 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 3 using 1:2:1:5:3:4 with boxxyerror fillcolor '#0072B2' fillstyle transparent solid 0.15 noborder notitle, \
     data index 3 using 1:2 with steps linewidth 2 linecolor '#0072B2' dashtype 1 title 'parity-bent', \
     data index 4 using 1:2:1:5:3:4 with boxxyerror fillcolor '#D55E00' fillstyle transparent solid 0.15 noborder notitle, \
     data index 4 using 1:2 with steps linewidth 2 linecolor '#D55E00' dashtype (10,4) title 'parity-correlation', \
     data index 5 using 1:2 with lines linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'shaded: Wilson'."'".'s 95 % interval'

set xrange [1:4690.849999999999]
set yrange [0:1.04]
set xtics autofreq
set xtics 4
set format x '%.0f'
set xlabel 'queries q'."\n"
set title 'dim 12, tol 0.24'
plot data index 8 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 6 using 1:2:1:5:3:4 with boxxyerror fillcolor '#0072B2' fillstyle transparent solid 0.15 noborder notitle, \
     data index 6 using 1:2 with steps linewidth 2 linecolor '#0072B2' dashtype 1 title 'parity-bent', \
     data index 7 using 1:2:1:5:3:4 with boxxyerror fillcolor '#D55E00' fillstyle transparent solid 0.15 noborder notitle, \
     data index 7 using 1:2 with steps linewidth 2 linecolor '#D55E00' dashtype (10,4) title 'parity-correlation', \
     data index 8 using 1:2 with lines linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'shaded: Wilson'."'".'s 95 % interval'

set xrange [1:4690.849999999999]
set yrange [0:1.04]
set xtics autofreq
set xtics 4
set format x '%.0f'
set xlabel 'queries q'."\n"
set title 'dim 12, tol 0.12'
plot data index 11 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 9 using 1:2:1:5:3:4 with boxxyerror fillcolor '#0072B2' fillstyle transparent solid 0.15 noborder notitle, \
     data index 9 using 1:2 with steps linewidth 2 linecolor '#0072B2' dashtype 1 title 'parity-bent', \
     data index 10 using 1:2:1:5:3:4 with boxxyerror fillcolor '#D55E00' fillstyle transparent solid 0.15 noborder notitle, \
     data index 10 using 1:2 with steps linewidth 2 linecolor '#D55E00' dashtype (10,4) title 'parity-correlation', \
     data index 11 using 1:2 with lines linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'shaded: Wilson'."'".'s 95 % interval'

unset multiplot
unset output
